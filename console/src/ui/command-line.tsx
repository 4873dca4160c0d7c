import { CopyButton } from './copy-button.js';

/** A command to type, ready to be copied. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-2 rounded-lg border border-line bg-page py-1.5 pr-1.5 pl-3 font-mono text-sm">
      <span className="text-quiet select-none">$</span>
      <span className="truncate">{command}</span>
      <CopyButton text={command} label="Copy the command" />
    </span>
  );
}
