package gateway

import "fmt"

const taskReason = "moto gives the cpu and memory of a task's containers as numbers, where AWS's strict clients want text"

var taskCompletions = []Completion{
	{Service: "ecs", Action: "RunTask", Kind: Completes, Reason: taskReason, after: onSuccess(textSizes)},
	{Service: "ecs", Action: "StartTask", Kind: Completes, Reason: taskReason, after: onSuccess(textSizes)},
	{Service: "ecs", Action: "StopTask", Kind: Completes, Reason: taskReason, after: onSuccess(textSizes)},
	{Service: "ecs", Action: "DescribeTasks", Kind: Completes, Reason: taskReason, after: onSuccess(textSizes)},
}

func textSizes(_ *memory, _ *exchange, out object) {
	tasks := objects(out, "tasks")
	if task := child(out, "task"); task != nil {
		tasks = append(tasks, task)
	}
	for _, task := range tasks {
		for _, container := range objects(task, "containers") {
			for _, name := range []string{"cpu", "memory", "memoryReservation"} {
				if v, ok := container[name]; ok && v != nil {
					container[name] = fmt.Sprint(v)
				}
			}
		}
	}
}
