package io.alldocs.sync;

/** Says whether this process may still write a job's progress. */
interface Fence {

    /** Number of the claim on which progress is written; each claim of a job has a higher one than those before it. */
    long epoch();

    /**
     * Checks that no other executor has claimed the job since.
     *
     * @throws JobInUseException when one has
     */
    void require();
}
