package parts

import "syscall"

// dieWithUs ends a child when this process ends, be it killed. An engine that
// lost its program goes on waiting for the provider, for a minute or more, and
// would do so beside the next command's.
func dieWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
