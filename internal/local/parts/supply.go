package parts

// supply lists every way to supply a part; one is enough. It is what an error
// about a missing part and what Inspect say.
func (f *finder) supply(part string) []string {
	switch part {
	case pulumiName:
		return []string{
			"install Pulumi " + PulumiVersion + " or a later 3.x on PATH: https://www.pulumi.com/docs/install/",
			"let this machine reach " + pulumiHost + " (HTTPS_PROXY is used when set), for the official download",
			"let `go build` run: go on PATH, and a Go module proxy that it reaches (GOPROXY), about 4 GB free",
		}
	case motoName:
		return []string{
			"install it for the python3 on PATH: pip install 'moto[server]==" + MotoVersion + "'",
			"set " + motoVariable + " to a Python interpreter that has it, or to a moto_server program",
			"let pip reach its package index (PIP_INDEX_URL, PIP_CONFIG_FILE and HTTPS_PROXY are used when set): it is then installed in " + f.cache.venv(),
			"start Docker, and let it pull " + motoImage,
		}
	case awsName:
		ways := []string{
			"let this machine reach " + pulumiHost + " or " + githubHost + " (HTTPS_PROXY is used when set), for the official download",
			"unpack the official plugin, from a machine that can download it, as " + f.cache.pluginProgram("aws", AWSPluginVersion),
		}
		for _, way := range supplyProvider() {
			ways = append(ways, way+"; the plugin is then built over it, which needs go on PATH")
		}
		return ways
	case awsxName:
		return []string{
			"let this machine reach " + pulumiHost + " or " + githubHost + " (HTTPS_PROXY is used when set), for the official download",
			"unpack the official plugin, from a machine that can download it, as " + f.cache.pluginProgram("awsx", AWSXPluginVersion),
		}
	case terraformName:
		return supplyProvider()
	}
	return nil
}

// withSupply says of each part that was not found how to supply it.
func (f *finder) withSupply(s *Set) *Set {
	for _, p := range []*Part{&s.Pulumi, &s.AWSX, &s.AWSPlugin, &s.TerraformProvider, &s.Moto} {
		if !p.Found {
			p.Supply = f.supply(p.Name)
		}
	}
	return s
}
