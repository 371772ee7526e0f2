package types

// Mutability is an enum.
type Mutability string

type Endpoint struct {
	Url string `pulumi:"url"`
}
