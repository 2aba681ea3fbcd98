package ui

import "io/fs"

// Read returns the content of the asset of a logical name, for what is not
// served as it was built.
func (a *Assets) Read(name string) ([]byte, error) { return fs.ReadFile(a.files, a.manifest[name]) }
