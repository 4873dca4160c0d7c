import { ExecutionsSection } from './features/executions/executions-section.js';
import { HealthSection } from './features/health/health-section.js';

export function App() {
  return (
    <div className="mx-auto max-w-6xl px-4 pt-5 pb-16 sm:px-6 sm:pt-8">
      <HealthSection />
      <ExecutionsSection />
    </div>
  );
}
