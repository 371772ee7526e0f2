package bench

// What the tests look into.
var (
	ReadMemory = readMemory
	Judge      = (*Report).judge
	Edit       = edit
)
