package gateway

import (
	"crypto/sha256"
	"fmt"

	"evenkeel/internal/local/gateway/play"
)

// showDelivery describes a deployment:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
func showDelivery(d *play.Delivery) object {
	out := merged(d.Info, object{
		"applicationName": d.Application, "deploymentGroupName": d.Group, "deploymentConfigName": d.Config, "deploymentId": d.ID,
		"description": orNil(d.Description), "status": d.Status, "creator": d.Creator, "revision": named(d.Revision), "computePlatform": "ECS",
		"createTime": epoch(d.Created), "startTime": epoch(d.Started), "completeTime": epoch(d.Completed),
		"instanceTerminationWaitTimeStarted": !d.Waiting.IsZero(), "ignoreApplicationStopFailures": false,
		"updateOutdatedInstancesOnly": false, "deploymentOverview": overview(d), "rollbackInfo": rollbackInfo(d),
	})
	events := []any{}
	for event, on := range map[string]bool{
		"DEPLOYMENT_FAILURE": d.OnFailure, "DEPLOYMENT_STOP_ON_ALARM": d.OnAlarm, "DEPLOYMENT_STOP_ON_REQUEST": d.OnStop,
	} {
		if on {
			events = append(events, event)
		}
	}
	out["autoRollbackConfiguration"] = object{"enabled": len(events) > 0, "events": events}
	if d.ErrorCode != "" {
		out["errorInformation"] = object{"code": d.ErrorCode, "message": d.ErrorMessage}
	}
	return compact(out)
}

// content is the AppSpec in a revision.
func content(revision object) string {
	if c := text(child(revision, "appSpecContent"), "content"); c != "" {
		return c
	}
	return text(child(revision, "string"), "content")
}

// named is a revision as GetDeployment shows it: by the AppSpec's SHA-256, never
// with its content.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
func named(revision object) object {
	return object{
		"revisionType":   "AppSpecContent",
		"appSpecContent": object{"sha256": fmt.Sprintf("%x", sha256.Sum256([]byte(content(revision))))},
	}
}

// described is a revision as GetApplicationRevision shows it.
func described(revision object, sum string) object {
	return object{"revisionType": "AppSpecContent", "appSpecContent": object{"content": content(revision), "sha256": sum}}
}

// overview counts the one target of a deployment to ECS. AWS gives no counts
// before the deployment has ended, as users have recorded it:
// internal/release/testdata/aws/codedeploy-shift.json.
func overview(d *play.Delivery) any {
	if !d.Done() {
		return nil
	}
	out := object{"Pending": 0, "InProgress": 0, "Succeeded": 0, "Failed": 0, "Skipped": 0, "Ready": 0}
	out[map[string]string{
		play.DeliverySucceeded: "Succeeded", play.DeliveryFailed: "Failed", play.DeliveryStopped: "Failed",
	}[d.Status]] = 1
	return out
}

func rollbackInfo(d *play.Delivery) any {
	out := compact(object{
		"rollbackDeploymentId": orNil(d.RollbackID), "rollbackTriggeringDeploymentId": orNil(d.RollbackOf),
		"rollbackMessage": orNil(d.RollbackMessage),
	})
	if len(out) == 0 {
		return nil
	}
	return out
}

// targetID names the one target, cluster and service:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ECSTarget.html
func targetID(d *play.Delivery) string { return shortName(d.Service.ClusterARN) + ":" + d.Service.Name }

func listTargets(m *memory, e *exchange) *reply {
	id := text(e.input(), "deploymentId")
	d := delivery(m, e, id)
	if d == nil {
		return deliveryMissing(id)
	}
	return jsonReply(object{"targetIds": []any{targetID(d)}})
}

func getTarget(m *memory, e *exchange) *reply {
	in := e.input()
	d := delivery(m, e, text(in, "deploymentId"))
	if d == nil {
		return deliveryMissing(text(in, "deploymentId"))
	}
	if id := text(in, "targetId"); id != targetID(d) {
		return jsonFailure("DeploymentTargetDoesNotExistException", "The target %s of deployment %s does not exist", id, d.ID)
	}
	return jsonReply(object{"deploymentTarget": showDeliveryTarget(d)})
}

func batchGetTargets(m *memory, e *exchange) *reply {
	in := e.input()
	d := delivery(m, e, text(in, "deploymentId"))
	if d == nil {
		return deliveryMissing(text(in, "deploymentId"))
	}
	found := []any{}
	for _, id := range texts(in, "targetIds") {
		if id != targetID(d) {
			return jsonFailure("DeploymentTargetDoesNotExistException", "The target %s of deployment %s does not exist", id, d.ID)
		}
		found = append(found, showDeliveryTarget(d))
	}
	return jsonReply(object{"deploymentTargets": found})
}

func showDeliveryTarget(d *play.Delivery) object {
	events := []any{}
	for _, event := range d.Events {
		events = append(events, compact(object{
			"lifecycleEventName": event.Name, "status": event.Status, "startTime": epoch(event.Start), "endTime": epoch(event.End),
		}))
	}
	sets := []any{}
	for _, side := range []struct {
		label  string
		set    *play.Set
		weight int
	}{{"Blue", d.Blue, 100 - d.Weight}, {"Green", d.Green, d.Weight}} {
		if side.set != nil {
			sets = append(sets, showSide(d, side.label, side.set, side.weight))
		}
	}
	status := map[string]string{play.DeliveryCreated: "Pending", play.DeliveryStopped: "Failed", play.DeliveryReady: "Ready"}[d.Status]
	if status == "" {
		status = d.Status
	}
	return object{"deploymentTargetType": "ECSTarget", "ecsTarget": object{
		"deploymentId": d.ID, "targetId": targetID(d), "targetArn": d.Service.ARN, "lastUpdatedAt": epoch(d.Updated),
		"lifecycleEvents": events, "status": status, "taskSetsInfo": sets,
	}}
}

// showSide describes a task set of a deployment. The misspelt name is AWS's:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ECSTaskSet.html
func showSide(d *play.Delivery, label string, set *play.Set, weight int) object {
	running, pending := set.Count()
	out := object{
		"identifer":    set.ID, //nolint:misspell // AWS's own
		"desiredCount": d.Service.Want(set), "runningCount": running, "pendingCount": pending,
		"status": set.Status, "trafficWeight": weight, "taskSetLabel": label,
	}
	if len(set.LoadBalancers) > 0 {
		// arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<id>
		arn := set.LoadBalancers[0].TargetGroup
		out["targetGroup"] = object{"name": shortName(arn[:max(len(arn)-len(shortName(arn))-1, 0)])}
	}
	return out
}
