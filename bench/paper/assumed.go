package paper

// What figures rest on beside their parameters and the papers do not give.

const evenSpacing = "that the singular values of A are evenly spaced from σ_1 to σ_r"

func (*asymmetricFig1Config) assumed() []string { return []string{evenSpacing} }
func (*asymmetricFig2Config) assumed() []string { return []string{evenSpacing} }
func (*asymmetricFig3Config) assumed() []string { return []string{evenSpacing} }

func (*asymmetricFig4Config) assumed() []string {
	return []string{evenSpacing, "that the noise is Gaussian and measured by its Frobenius norm"}
}

func (*deepFig6Config) assumed() []string {
	return []string{"that (c) and (d) show with noise what (a) and (b) show without"}
}

func (*deepFig7Config) assumed() []string { return []string{"what (a) compares"} }

func (*deepMNISTConfig) assumed() []string {
	return []string{"that N goes up to 4", "pixels from 0 to 1"}
}
