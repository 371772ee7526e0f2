package gateway

import "slices"

const scalingService = "application-autoscaling"

var scalingCompletions = slices.Concat([]Completion{
	{
		Service: scalingService, Action: "RegisterScalableTarget", Kind: Completes,
		Reason: "moto keeps no tags of scalable targets", after: onSuccess(rememberTarget),
	},
	{
		Service: scalingService, Action: "DeregisterScalableTarget", Kind: Completes,
		Reason: "moto keeps no tags of scalable targets", after: onSuccess(forgetTarget),
	},
}, tagging{
	service: scalingService, reason: "moto lacks the tag operations of scalable targets",
	arn: "ResourceARN", tags: "Tags", keys: "TagKeys", missing: "ResourceNotFoundException",
	book: func(m *memory) *tagBook { return m.scaling },
}.completions())

func targetKey(e *exchange) string {
	in := e.input()
	return e.operation.region + " " + text(in, "ServiceNamespace") + " " + text(in, "ResourceId") + " " + text(in, "ScalableDimension")
}

func rememberTarget(m *memory, e *exchange, out object) {
	arn := text(out, "ScalableTargetARN")
	m.targets[targetKey(e)] = arn
	m.scaling.add(arn, e.input()["Tags"])
}

func forgetTarget(m *memory, e *exchange, _ object) {
	m.scaling.remove(m.targets[targetKey(e)])
	delete(m.targets, targetKey(e))
}
