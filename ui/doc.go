// Package ui is Fieldsync's window: the shell with its navigation, the tray, and
// the pages joined to it. Pages show, presenters decide. It is given a fyne.App
// and never makes one: the packages below run without OpenGL.
package ui
