package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"

	"evenkeel/bridge/internal/mapping"
	"evenkeel/bridge/internal/sdkscan"
	"evenkeel/bridge/internal/tfprovider"
)

// files are what the command writes, relative to the repository's root.
type files map[string][]byte

const (
	mappingFile = "internal/local/bridge/internal/mapping/mapping.json"
	reportFile  = "internal/local/bridge/internal/mapping/report.txt"
	outputsFile = "internal/recorder/outputs.json"
)

// generate derives the files from the sources of the SDK in sdkDir, which is of the
// given version, and from the schema of the provider binary.
func generate(ctx context.Context, sdkDir, version, binary string) (files, error) {
	server, end, err := tfprovider.Launch(binary)
	if err != nil {
		return nil, err
	}
	defer end()
	sdk, err := sdkscan.Scan(sdkDir, sdkscan.ImportRoot)
	if err != nil {
		return nil, err
	}
	table, report := mapping.Derive(sdk, version, proto.New(ctx, server))
	tableJSON, err := table.JSON()
	if err != nil {
		return nil, fmt.Errorf("render the mapping: %w", err)
	}
	outputs, err := mapping.Outputs(sdk)
	if err != nil {
		return nil, fmt.Errorf("render the outputs: %w", err)
	}
	return files{mappingFile: tableJSON, reportFile: []byte(report.String()), outputsFile: outputs}, nil
}
