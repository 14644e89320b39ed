import * as monaco from "monaco-editor/editor";
import "monaco-editor/features/bracketMatching/register";
import "monaco-editor/features/clipboard/register";
import "monaco-editor/features/codeEditor/register";
import "monaco-editor/features/comment/register";
import "monaco-editor/features/contextmenu/register";
import "monaco-editor/features/find/register";
import "monaco-editor/features/folding/register";
import "monaco-editor/features/hover/register";
import "monaco-editor/features/indentation/register";
import "monaco-editor/features/linesOperations/register";
import "monaco-editor/features/multicursor/register";
import "monaco-editor/features/wordHighlighter/register";
import "monaco-editor/features/wordOperations/register";
import "monaco-editor/languages/definitions/yaml/register";
import EditorWorker from "monaco-editor/editor/editor.worker?worker";
import { useEffect, useRef } from "react";
import { useTheme } from "./theme";
import type { YamlEditorProps } from "./yamlEditorProps";

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

/** Monaco takes colours as text, not as CSS variables: they are read from the tokens of the current theme. */
function defineTheme(dark: boolean): string {
  const name = dark ? "kubeorch-dark" : "kubeorch-light";
  const style = getComputedStyle(document.documentElement);
  const token = (property: string) => style.getPropertyValue(property).trim();
  const bare = (property: string) => token(property).replace("#", "");
  monaco.editor.defineTheme(name, {
    base: dark ? "vs-dark" : "vs",
    inherit: true,
    rules: [
      { token: "type", foreground: bare("--accent-text") },
      { token: "string", foreground: bare("--text") },
      { token: "number", foreground: bare("--ok") },
      { token: "keyword", foreground: bare("--unknown") },
      { token: "comment", foreground: bare("--muted"), fontStyle: "" },
      { token: "operators", foreground: bare("--muted") },
    ],
    colors: {
      "editor.background": token("--code-bg"),
      "editor.foreground": token("--text"),
      "editorLineNumber.foreground": token("--faint"),
      "editorLineNumber.activeForeground": token("--text"),
      "editor.lineHighlightBackground": token("--hover"),
      "editor.lineHighlightBorder": token("--hover"),
      "editorIndentGuide.background1": token("--line"),
      "editorIndentGuide.activeBackground1": token("--line-strong"),
      "editorWidget.background": token("--raised"),
      "editorWidget.border": token("--line"),
      "input.background": token("--surface"),
      focusBorder: token("--accent"),
    },
  });
  return name;
}

export default function MonacoEditor({
  value,
  onChange,
  label,
  language = "yaml",
  readOnly = false,
  marks,
  autoFocus,
}: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor | null>(null);
  const latest = useRef({ value, onChange });
  /** Texts reported by onChange that have not come back as `value` yet: these are echoes, not changes from outside. */
  const told = useRef<string[]>([]);
  const dark = useTheme((state) => state.dark);

  useEffect(() => {
    latest.current = { value, onChange };
  });

  useEffect(() => {
    if (!host.current) return;
    const made = monaco.editor.create(host.current, {
      value: latest.current.value,
      language,
      ariaLabel: label,
      automaticLayout: true,
      fontFamily: "JetBrains Mono Variable, ui-monospace, monospace",
      fontSize: 12,
      lineHeight: 19,
      fontLigatures: false,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      lineNumbersMinChars: 3,
      glyphMargin: false,
      folding: true,
      renderLineHighlight: "line",
      overviewRulerLanes: 0,
      padding: { top: 8, bottom: 8 },
      tabSize: 2,
      insertSpaces: true,
      wordWrap: "off",
      fixedOverflowWidgets: true,
      // Tab moves the focus, as in every other field; Ctrl+M makes it insert a tab.
      tabFocusMode: readOnly,
      scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, alwaysConsumeMouseWheel: false },
    });
    editor.current = made;
    const subscription = made.onDidChangeModelContent(() => {
      const next = made.getValue();
      if (next === latest.current.value && told.current.length === 0) return;
      told.current.push(next);
      latest.current.onChange?.(next);
    });
    return () => {
      subscription.dispose();
      made.getModel()?.dispose();
      made.dispose();
      editor.current = null;
    };
    // The editor is created once; what may change is set below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    const echo = told.current.indexOf(value);
    if (echo >= 0) {
      told.current.splice(0, echo + 1);
      return;
    }
    const made = editor.current;
    if (!made || made.getValue() === value) return;
    made.setValue(value);
    told.current = [];
  }, [value]);
  useEffect(() => {
    editor.current?.updateOptions({ readOnly, tabFocusMode: readOnly, domReadOnly: readOnly });
  }, [readOnly]);
  useEffect(() => {
    // The attribute on <html> is set by the theme store in the same tick; read the tokens after it.
    monaco.editor.setTheme(defineTheme(dark));
  }, [dark]);
  useEffect(() => {
    const model = editor.current?.getModel();
    if (model) monaco.editor.setModelLanguage(model, language);
  }, [language]);
  useEffect(() => {
    const model = editor.current?.getModel();
    if (!model) return;
    monaco.editor.setModelMarkers(
      model,
      "kubeorch",
      (marks ?? []).map((mark) => ({
        startLineNumber: mark.line,
        startColumn: mark.column ?? 1,
        endLineNumber: mark.line,
        endColumn: model.getLineMaxColumn(Math.min(Math.max(mark.line, 1), model.getLineCount())),
        message: mark.message,
        severity: mark.severity === "warning" ? monaco.MarkerSeverity.Warning : monaco.MarkerSeverity.Error,
      })),
    );
  }, [marks, value]);
  useEffect(() => {
    if (autoFocus) editor.current?.focus();
  }, [autoFocus]);

  return <div ref={host} className="size-full" />;
}
