package release

import (
	"encoding/json"
	"fmt"
)

// appSpec is what CodeDeploy is told to deploy. The network and the capacity
// provider are in it because nothing else can change them on such a service.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html#reference-appspec-file-structure-resources-ecs
func (o *Outputs) appSpec() (string, error) {
	public := "DISABLED"
	if o.Network.AssignPublicIP {
		public = "ENABLED"
	}
	type m = map[string]any
	spec := m{
		"version": json.Number("0.0"),
		"Resources": []m{{"TargetService": m{
			"Type": "AWS::ECS::Service",
			"Properties": m{
				"TaskDefinition":   o.TaskDefinition,
				"LoadBalancerInfo": m{"ContainerName": o.Container, "ContainerPort": o.Port},
				"PlatformVersion":  "LATEST",
				"NetworkConfiguration": m{"AwsvpcConfiguration": m{
					"Subnets": o.Network.Subnets, "SecurityGroups": o.Network.SecurityGroups, "AssignPublicIp": public,
				}},
				"CapacityProviderStrategy": []m{{"CapacityProvider": o.Capacity, "Base": 0, "Weight": 1}},
			},
		}}},
	}
	b, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("write the AppSpec: %w", err)
	}
	return string(b), nil
}
