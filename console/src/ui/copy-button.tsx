import { useEffect, useState } from 'react';

const SHOWN_MS = 1500;

/** Copies `text`; shows for a moment that it did. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => {
    // Refused without permission or on a page that is not secure: then nothing is shown as copied.
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button
      type="button"
      onClick={copy}
      title={isCopied ? 'Copied' : label}
      aria-label={label}
      className="rounded p-1 text-quiet hover:text-accent"
    >
      <svg
        viewBox="0 0 16 16"
        className="size-3.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        aria-hidden="true"
      >
        {isCopied ? <path d="M3 8.5l3.2 3.2L13 4.8" /> : <path d="M5.5 5.5h7v8h-7zM10.5 3v-.5h-7v8H4" />}
      </svg>
    </button>
  );
}
