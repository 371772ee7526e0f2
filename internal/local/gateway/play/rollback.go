package play

import (
	"fmt"
	"time"
)

func (d *Delivery) fail(code, message string, at time.Time) {
	d.end(DeliveryFailed, code, message, d.OnFailure, at)
}

// end finishes a delivery that does not succeed, and starts the one that undoes
// it where that is asked for: a rollback is a deployment of its own.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
func (d *Delivery) end(status, code, message string, rollback bool, at time.Time) {
	d.Status, d.Completed, d.Updated, d.ErrorCode, d.ErrorMessage = status, at, at, code, message
	d.breakOff(at)
	d.Service.delivery = nil
	if !rollback || d.Creator == ByRollback || d.Green == nil {
		return
	}
	o := d.Order
	o.Config, o.Description = AllAtOnce, fmt.Sprintf("Deployment %s is triggered to roll back.", d.ID)
	o.Revision = d.world.before(d)
	undo := d.world.newDelivery(o, ByRollback, script{Healthy, d.script.step})
	undo.of, undo.Blue, undo.Green, undo.Weight, undo.phase = d, d.Blue, d.Green, d.Weight, phaseUndo
	undo.Definition = d.Blue.Definition
	undo.Created, undo.Updated, undo.RollbackOf = at, at, d.ID
	undo.RollbackMessage = fmt.Sprintf("Deployment %s is triggered to roll back deployment %s.", undo.ID, d.ID)
	d.RollbackID = undo.ID
	d.RollbackMessage = fmt.Sprintf("Deployment %s terminated. Automatic rollback is triggered with a DeploymentId %s.", d.ID, undo.ID)
	d.Service.delivery = undo
	d.Service.next = at.Add(d.script.step)
}

// before is the revision that served before a delivery.
func (w *World) before(d *Delivery) map[string]any {
	for _, other := range w.Deliveries() {
		if other.Status == DeliverySucceeded && other.Service == d.Service && other.Green == d.Blue {
			return other.Revision
		}
	}
	lb := d.Blue.LoadBalancers[0]
	content := fmt.Sprintf(`{"version":0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":%q,`+
		`"LoadBalancerInfo":{"ContainerName":%q,"ContainerPort":%d}}}}]}`, d.Blue.Definition.ARN, lb.Container, lb.Port)
	return map[string]any{"revisionType": "AppSpecContent", "appSpecContent": map[string]any{"content": content}}
}

// undo gives the traffic back to the old task set, which still runs, and ends the
// new one.
func (d *Delivery) undo(at time.Time) {
	if d.Status == DeliveryCreated {
		d.Status, d.Started = DeliveryRuns, at
		d.pass(beforeInstall, at)
		d.pass(install, at)
		d.pass(afterInstall, at)
		if !d.forward(d.Production, 0, at) || !d.forward(d.Test, 0, at) {
			return
		}
		d.Weight, d.of.Weight = 0, 0
		d.Service.promote(d.Blue, at)
		d.Service.drain(d.Green, at)
		return
	}
	if len(d.Green.Tasks) > 0 {
		return
	}
	for _, name := range []string{allowTestTraffic, afterAllowTestTraffic, beforeAllowTraffic, allowTraffic, afterAllowTraffic} {
		d.pass(name, at)
	}
	d.Service.calm()
	d.Status, d.Completed = DeliverySucceeded, at
	d.Service.delivery = nil
}
