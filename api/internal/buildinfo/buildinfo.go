// Package buildinfo says which build is running.
package buildinfo

import "runtime/debug"

// version is set by the linker: -X evenkeel/api/internal/buildinfo.version=1.2.3.
var version string

// Version is what the build was told it is, else the commit that it was built
// from, else "dev".
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "dev"
}
