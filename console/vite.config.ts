import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/_treadle/',
  plugins: [react(), tailwindcss()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
  // `npm run dev --workspace console` shows the page of a server that runs beside it.
  server: { proxy: { '/_treadle/api': 'http://127.0.0.1:4566', '/_treadle/health': 'http://127.0.0.1:4566' } },
});
