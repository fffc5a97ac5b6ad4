package kernel

// Panic strings of this package.
const badPanelWidth = "kernel: panel wider than the row's PanelWidth"
