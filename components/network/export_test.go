package network

// What plugins and the engine call, which no recorder does.
var (
	RouteTableIDs          = routeTableIDs
	WithoutPublicAddresses = withoutPublicAddresses
)
