package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"evenkeel/internal/check"
)

// memoryRange is the memory that Fargate offers with one CPU size.
type memoryRange struct{ min, max, step int }

// sizes are Fargate's task sizes for Linux: CPU units to MiB.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
var sizes = map[int]memoryRange{
	256:   {512, 2048, 0}, // no step: doubles
	512:   {1024, 4096, 1024},
	1024:  {2048, 8192, 1024},
	2048:  {4096, 16384, 1024},
	4096:  {8192, 30720, 1024},
	8192:  {16384, 61440, 4096},
	16384: {32768, 122880, 8192},
}

func (r memoryRange) has(memoryMiB int) bool {
	if memoryMiB < r.min || memoryMiB > r.max {
		return false
	}
	if r.step == 0 {
		return memoryMiB == r.min || memoryMiB == r.max || memoryMiB == 2*r.min
	}
	return (memoryMiB-r.min)%r.step == 0
}

func (r memoryRange) String() string {
	if r.step == 0 {
		return fmt.Sprintf("%d, %d or %d", r.min, 2*r.min, r.max)
	}
	return fmt.Sprintf("%d to %d in steps of %d", r.min, r.max, r.step)
}

// CheckSize reports whether Fargate runs Linux tasks of this size: cpu in CPU
// units, 1024 being one vCPU, and memoryMiB in MiB. The error holds a
// check.Error with the path "CPU" or "MemoryMiB".
func CheckSize(cpu, memoryMiB int) error {
	var l check.List
	r, ok := sizes[cpu]
	switch {
	case !ok:
		var accepted []string
		for _, c := range slices.Sorted(maps.Keys(sizes)) {
			accepted = append(accepted, fmt.Sprint(c))
		}
		l.Addf("CPU", "is %d, want one of Fargate's sizes: %s", cpu, strings.Join(accepted, ", "))
	case !r.has(memoryMiB):
		l.Addf("MemoryMiB", "is %d, want %s with %d CPU units", memoryMiB, r, cpu)
	}
	return l.Err()
}
