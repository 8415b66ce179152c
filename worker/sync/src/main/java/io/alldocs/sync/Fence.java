package io.alldocs.sync;

/** Decides whether this process may still write a job's progress. */
interface Fence {

    /**
     * Returns the number of the claim on which progress is written. Each claim of a job has a higher number than the
     * ones before it.
     */
    long epoch();

    /**
     * Checks that no other executor has claimed the job since.
     *
     * @throws JobInUseException if one has
     */
    void require();
}
