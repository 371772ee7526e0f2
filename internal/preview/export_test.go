package preview

// Collect is collect, for tests.
var Collect = collect
