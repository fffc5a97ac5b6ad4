package paper

import (
	"errors"
	"fmt"
)

// ConfigError is an error of the parameters that Configure set.
type ConfigError struct{ error }

// configuration is the struct of a figure's parameters. The comment of a
// parameter that the paper does not give begins with "inferred"; that of one of our additions
// with "beyond the paper". A parameter that only says how something is computed, stored or
// drawn is neither, nor is one of a study.
type configuration interface{ check() error }

// settling is a configuration with parameters that some runs do not have: settle takes
// them away.
type settling interface{ settle() }

// configure sets what the request asks of c, checks it and keeps it.
func (m *making) configure(c configuration) error {
	if m.Configure != nil {
		if err := m.Configure(c); err != nil {
			return err
		}
	}
	if err := c.check(); err != nil {
		return ConfigError{fmt.Errorf("%s: %w", m.Figure, err)}
	}
	if s, ok := c.(settling); ok {
		s.settle()
	}
	m.Config = c
	if m.checkOnly {
		return errChecked
	}
	if err := m.keepStates(); err != nil {
		return err
	}
	return m.made()
}

// errChecked ends a Figure.Check.
var errChecked = errors.New("paper: checked")
