/** Stands for the number of a version that is known only once it is published. */
export const PUBLISHED = '$PUBLISHED';
