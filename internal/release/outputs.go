package release

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Outputs are what a stack tells about itself, its exports.
type Outputs struct {
	Region         string   `json:"region"`
	Image          string   `json:"image"`
	RepositoryURL  string   `json:"repositoryUrl"`
	Cluster        string   `json:"clusterName"`
	Service        string   `json:"serviceName"`
	TaskDefinition string   `json:"taskDefinitionArn"`
	Strategy       string   `json:"deploymentStrategy"`
	Container      string   `json:"containerName"`
	Port           int32    `json:"containerPort"`
	RollbackAlarms []string `json:"rollbackAlarms"`
	URL            string   `json:"url"`
	SmokePath      string   `json:"smokePath"`
	Capacity       string   `json:"capacityProvider"`
	Network        Network  `json:"taskNetwork"`
	RunbookURL     string   `json:"runbookUrl"`

	// With CodeDeploy only.
	TestURL     string `json:"testUrl"`
	Application string `json:"codedeployApplication"`
	Group       string `json:"codedeployGroup"`
}

// Network is where tasks run.
type Network struct {
	Subnets        []string `json:"subnets"`
	SecurityGroups []string `json:"securityGroups"`
	AssignPublicIP bool     `json:"assignPublicIp"`
}

// rolling is the strategy of ECS's own deployments.
const rolling = "rolling"

// ParseOutputs reads a stack's outputs. It names all that are missing, as when
// the stack was never deployed, or by a program that did not have them.
func ParseOutputs(stack string, raw map[string]any) (*Outputs, error) {
	var o Outputs
	b, err := json.Marshal(raw)
	if err != nil {
		return nil, fmt.Errorf("outputs of stack %s: %w", stack, err)
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, fmt.Errorf("outputs of stack %s: %w; `pulumi up` with this version of the program writes them anew", stack, err)
	}
	want := map[string]bool{
		"region": o.Region != "", "repositoryUrl": o.RepositoryURL != "", "clusterName": o.Cluster != "", "serviceName": o.Service != "",
		"taskDefinitionArn": o.TaskDefinition != "", "deploymentStrategy": o.Strategy != "", "containerName": o.Container != "",
		"containerPort": o.Port != 0, "url": o.URL != "", "smokePath": o.SmokePath != "",
	}
	if o.Strategy != rolling && o.Strategy != "" {
		want["testUrl"], want["codedeployApplication"], want["codedeployGroup"] = o.TestURL != "", o.Application != "", o.Group != ""
		want["taskNetwork"], want["capacityProvider"] = len(o.Network.Subnets) > 0, o.Capacity != ""
	}
	var missing []string
	for name, there := range want {
		if !there {
			missing = append(missing, name)
		}
	}
	if len(missing) == len(want) {
		return nil, fmt.Errorf("stack %s has no outputs: it was never deployed; `evenkeel bootstrap --stack %[1]s` does that first", stack)
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, fmt.Errorf("stack %s lacks the outputs %s: an older version of the program deployed it; run `pulumi up` once with this one",
			stack, strings.Join(missing, ", "))
	}
	return &o, nil
}

// codeDeploy tells whether CodeDeploy moves the traffic.
func (o *Outputs) codeDeploy() bool { return o.Strategy != rolling }

// repository is the name of the stack's repository.
func (o *Outputs) repository() string {
	_, name, _ := strings.Cut(o.RepositoryURL, "/")
	return name
}

// runbook is the page for what happened.
func (o *Outputs) runbook(page string) string {
	if o.RunbookURL == "" {
		return ""
	}
	return strings.TrimSuffix(o.RunbookURL, "/") + "/" + page + ".md"
}
