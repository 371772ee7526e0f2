package gateway

import (
	"fmt"
	"strings"
)

const tableHead = `# What the emulator adds to moto

The local engine talks to moto ` + MotoVersion + ` through a gateway. It answers or
completes the operations below, and lets every other one through unchanged but
for two things. A request in the CBOR protocol, which newer SDKs use for
CloudWatch and moto does not know, is translated to JSON and back. A call that
changes something and that an SDK sends again, because the answer was lost, has
the answer of its first success, where moto would do it twice. An operation that moto does not know either is refused with status 400 and the
code ` + "`" + CodeNotImplemented + "`" + `; one on which moto fails, with ` + "`" + CodeEmulatorError + "`" + `.

Where the gateway answers, it proves that our request was sent and is well
formed. It proves nothing about AWS: no permission is checked, no alarm is
evaluated, no task is started, no traffic is shifted.

- **answers**: moto is not asked; the gateway keeps what it was told and says it
  again.
- **completes**: moto is asked, and its answer (or the request) is changed.

Every call is recorded, with its parameters and without the values of secrets,
in ` + "`.evenkeel/stacks/<stack>/calls.jsonl`" + `. Assert on that record where an answer
proves nothing.

This page is generated from the table that the gateway runs on.

` + playsText + `
## Operations

| Operation | Gateway | Why |
|---|---|---|
`

const tableTail = `
Some operations on S3 are refused although moto answers them, because it does
not tell them from a call on the whole bucket or object: asked to delete a
bucket's metrics configuration, it deletes the bucket.

`

// Table returns the content of docs/emulator.md.
func Table() string {
	var b strings.Builder
	b.WriteString(tableHead)
	for _, c := range Completions() {
		fmt.Fprintf(&b, "| %s:%s | %s | %s |\n", c.Service, c.Action, c.Kind, c.Reason)
	}
	b.WriteString(tableTail)
	for _, action := range sortedWrong() {
		fmt.Fprintf(&b, "- s3:%s\n", action)
	}
	return b.String()
}
