package stacks

func (s *stack) watchTypes() error { return nil }

func (s *stack) pipeline() error { return nil }
