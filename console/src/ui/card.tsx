import type { ReactNode } from 'react';

/** A quiet box with a hair line around it. */
export function Card({ children, className = '' }: { readonly children: ReactNode; readonly className?: string }) {
  return <div className={`rounded-xl border border-line bg-card ${className}`}>{children}</div>;
}
