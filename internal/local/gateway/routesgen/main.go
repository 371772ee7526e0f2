// Command routesgen writes routes.txt, the table by which the gateway names the
// operations of REST services, from the service models that botocore ships.
//
//	go run ./routesgen -models "$(python3 -c 'import botocore; print(botocore.__path__[0])')/data" > routes.txt
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// services are the REST services that a container platform's stack may call,
// by the name of botocore's model. S3 is missing on purpose: its operations
// differ by query and header, see s3identify.go.
var services = []string{
	"accessanalyzer", "account", "acm-pca", "amp", "amplify", "apigateway", "apigatewayv2", "appconfig",
	"appmesh", "appsync", "backup", "batch", "bedrock", "cloudfront", "codeartifact", "detective", "dlm", "efs", "eks",
	"emr-containers", "emr-serverless", "es", "fis", "grafana", "guardduty", "imagebuilder", "inspector2",
	"kafka", "lambda", "macie2", "mq", "oam", "opensearch", "osis", "pipes", "polly",
	"ram", "rds-data", "resiliencehub", "resource-explorer-2", "resource-groups", "rolesanywhere", "route53",
	"rum", "s3control", "scheduler", "schemas", "securityhub", "securitylake", "sesv2", "signer",
	"ssm-incidents", "sso", "synthetics", "vpc-lattice", "xray",
}

type model struct {
	Metadata struct {
		Protocol       string `json:"protocol"`
		SigningName    string `json:"signingName"`
		EndpointPrefix string `json:"endpointPrefix"`
	} `json:"metadata"`
	Operations map[string]struct {
		HTTP struct {
			Method     string `json:"method"`
			RequestURI string `json:"requestUri"`
		} `json:"http"`
	} `json:"operations"`
}

func main() {
	models := flag.String("models", "", "botocore's data folder")
	flag.Parse()
	if err := run(*models, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "routesgen:", err)
		os.Exit(1)
	}
}

func run(models string, out io.Writer) error {
	if models == "" {
		return errors.New("-models is required: the folder botocore/data")
	}
	var lines []string
	for _, service := range services {
		m, err := load(models, service)
		if err != nil {
			return err
		}
		signing := m.Metadata.SigningName
		if signing == "" {
			signing = m.Metadata.EndpointPrefix
		}
		for action, op := range m.Operations {
			lines = append(lines, strings.Join([]string{signing, op.HTTP.Method, op.HTTP.RequestURI, action}, " "))
		}
	}
	slices.Sort(lines)
	_, err := fmt.Fprintln(out, strings.Join(slices.Compact(lines), "\n"))
	return err
}

// load reads the newest version of a service's model; versions are dates.
func load(models, service string) (model, error) {
	var m model
	files, err := filepath.Glob(filepath.Join(models, service, "*", "service-2.json.gz"))
	if err != nil {
		return m, err
	}
	if len(files) == 0 {
		return m, fmt.Errorf("%s: no service-2.json.gz below %s", service, filepath.Join(models, service))
	}
	f, err := os.Open(slices.Max(files))
	if err != nil {
		return m, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return m, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return m, json.NewDecoder(z).Decode(&m)
}
