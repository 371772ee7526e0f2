package gateway

import "fmt"

var stateMachineCompletions = []Completion{
	{
		Service: "states", Action: "ValidateStateMachineDefinition", Kind: Answers,
		Reason: "moto lacks it; only this is checked: JSON, with StartAt naming one of States", answer: validateStateMachine,
	},
	{
		Service: "states", Action: "ListStateMachineVersions", Kind: Answers,
		Reason: "moto lacks it; there are never versions",
		answer: func(*memory, *exchange) *reply { return jsonReply(object{"stateMachineVersions": []any{}}) },
	},
}

func validateStateMachine(_ *memory, e *exchange) *reply {
	diagnostics := []object{}
	if problem := definitionProblem(text(e.input(), "definition")); problem != "" {
		diagnostics = append(diagnostics, object{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": problem})
	}
	result := "OK"
	if len(diagnostics) > 0 {
		result = "FAIL"
	}
	return jsonReply(object{"result": result, "diagnostics": diagnostics, "truncated": false})
}

func definitionProblem(definition string) string {
	v, err := decodeJSON([]byte(definition))
	document, ok := v.(object)
	if err != nil || !ok {
		return "the definition is not a JSON object"
	}
	start := text(document, "StartAt")
	if _, ok := child(document, "States")[start]; !ok {
		return fmt.Sprintf("StartAt: is %q, want the name of one of States", start)
	}
	return ""
}
