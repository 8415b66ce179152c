package io.alldocs.worker.mirror;

import java.util.Optional;

/**
 * A snapshot of a mirror's state.
 *
 * @param connections open connections
 * @param requests requests in progress
 * @param memoryBytes off-heap memory of responses, those being sent to clients included
 * @param responseCacheBytes off-heap memory of the cached responses
 * @param waitingTarballs requests for tarballs that wait because too many transfers are in progress
 * @param policyFileCurrent whether the policy in force is that of the policy file. False if the file's content is not a
 *     valid policy; empty if there is no policy file
 */
public record MirrorStatus(
        int connections,
        int requests,
        long memoryBytes,
        long responseCacheBytes,
        int waitingTarballs,
        Optional<Boolean> policyFileCurrent) {}
