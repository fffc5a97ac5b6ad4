package blas

// FusedOf returns the fused passes of the backend, or the composed ones around
// its routines when it has none of its own.
func FusedOf[T Float](b *Backend) Fused[T] {
	if f, ok := b.BLAS.(Fuser); ok {
		return OfType[func() Fused[T]](f.Fused64, f.Fused32)()
	}
	return newComposed[T](b)
}

// ComposedOf returns the passes composed from the backend's routines, whether
// or not it has fused ones. Both compute the same up to rounding.
func ComposedOf[T Float](b *Backend) Fused[T] {
	return newComposed[T](b)
}
