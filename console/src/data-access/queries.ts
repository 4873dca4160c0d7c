import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { type ExecutionsFilter, fetchExecutions, fetchHealth, fetchMachines, type Health } from './server.js';

const HEALTH_REFRESH_MS = 2000;
const EXECUTIONS_REFRESH_MS = 2000;
const MACHINES_REFRESH_MS = 10_000;
/** Two minutes of what the tiles draw. */
const SAMPLES_MAX = 60;

export const useHealth = () =>
  useQuery({ queryKey: ['health'], queryFn: fetchHealth, refetchInterval: HEALTH_REFRESH_MS });

/** The last minutes of health, oldest first, for as long as the page is open. */
export function useHealthSamples(health: Health | undefined, updatedAt: number): readonly Health[] {
  const samples = useRef<{ readonly at: number; readonly list: readonly Health[] }>({ at: 0, list: [] });
  if (health !== undefined && updatedAt !== samples.current.at)
    samples.current = { at: updatedAt, list: [...samples.current.list, health].slice(-SAMPLES_MAX) };
  return samples.current.list;
}

export const useExecutions = (filter: ExecutionsFilter) =>
  useQuery({
    queryKey: ['executions', filter],
    queryFn: () => fetchExecutions(filter),
    refetchInterval: EXECUTIONS_REFRESH_MS,
    placeholderData: keepPreviousData,
  });

export const useMachines = () =>
  useQuery({ queryKey: ['machines'], queryFn: fetchMachines, refetchInterval: MACHINES_REFRESH_MS });
