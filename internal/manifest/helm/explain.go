package helm

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// How helm says where a template fails, in the order in which they are tried:
// when it runs or is parsed, when what it renders is no YAML, and in a chain
// of inclusions, whose last link is the cause.
var (
	failsAt   = regexp.MustCompile(`^(?:execution|parse) error (?:at|in) \((.+?)(?::(\d+))?(?::\d+)?\): (.*)$`)
	notYAML   = regexp.MustCompile(`^YAML parse error on ([^:]+)()(: .*)$`)
	lastCause = regexp.MustCompile(`^(?:.* )?([^ ]+/templates/[^ :]+):(\d+)(?::\d+)?:? (executing .*)$`)
)

// explain makes what Render returns of what a run of helm returned.
func (c *Chart) explain(err error, calls []place, o Options) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("rendering the chart takes longer than %s: %w", o.Timeout, context.DeadlineExceeded)
	}
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	if f.outOfMemory() {
		return ErrMemory
	}
	if m := lookupNumber.FindStringSubmatch(f.messages); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n < len(calls) {
			return &LookupError{calls[n].template, calls[n].line}
		}
	}
	return c.renderError(f, o)
}

// renderError is what helm says without what is of no use to the user.
func (c *Chart) renderError(f *failure, o Options) *RenderError {
	message := f.message()
	for i, v := range o.Values {
		message = strings.ReplaceAll(message, valuesName(i), v.Name)
	}
	for _, form := range []*regexp.Regexp{failsAt, notYAML, lastCause} {
		if m := form.FindStringSubmatch(message); m != nil {
			line, err := strconv.Atoi(m[2])
			if err != nil {
				line = 0
			}
			text := m[3]
			if form == notYAML {
				text = "renders to what is not valid YAML" + text
			}
			return &RenderError{c.root.path(m[1]), line, text}
		}
	}
	return &RenderError{Message: message}
}

// message is the error message of helm on one line, without the names of
// temporary directories.
func (f *failure) message() string {
	text := f.messages
	if i := strings.LastIndex("\n"+text, "\nError: "); i >= 0 {
		text = text[i+len("Error: "):]
	}
	text, _, _ = strings.Cut(text, "\n\nUse --debug flag")
	for _, dir := range []string{filepath.Join(f.dir, "chart"), f.dir} {
		text = strings.ReplaceAll(text, dir+string(filepath.Separator), "")
		text = strings.ReplaceAll(text, dir, ".")
	}
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return f.err.Error()
	}
	return text
}
