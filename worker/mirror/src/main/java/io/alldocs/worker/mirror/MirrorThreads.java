package io.alldocs.worker.mirror;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The thread pools of a mirror for blocking work. The threads of connections must not block.
 *
 * @param stores read the store
 * @param upstream request packuments from the registry
 * @param names lists names, one page at a time
 * @param tarballs stream pieces of tarballs
 * @param passing forward requests for audits, keys and attestations
 */
record MirrorThreads(
        ExecutorService stores,
        ExecutorService upstream,
        ExecutorService names,
        ExecutorService tarballs,
        ExecutorService passing)
        implements AutoCloseable {
    private static final int UPSTREAM = 32;

    /**
     * Each thread streams a piece and then serves the next transfer, so few are needed. They wait only if a registry is
     * slower than its client.
     */
    private static final int TARBALLS = 64;

    /** Each may have a parsed audit of 8 MiB in memory. */
    private static final int PASSING = 2;

    private static final int FEWEST_FOR_STORES = 4;

    MirrorThreads() {
        this(
                threads(
                        "mirror-store",
                        Math.max(FEWEST_FOR_STORES, 2 * Runtime.getRuntime().availableProcessors())),
                threads("mirror-upstream", UPSTREAM),
                threads("mirror-names", 1),
                threads("mirror-tarballs", TARBALLS),
                threads("mirror-pass", PASSING));
    }

    /** Creates threads that end after ten idle seconds. The number of connections bounds the queue. */
    private static ExecutorService threads(String name, int count) {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                count, count, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory(name, true));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    @Override
    public void close() {
        upstream.shutdownNow();
        names.shutdownNow();
        tarballs.shutdownNow();
        passing.shutdownNow();
        stores.shutdownNow();
    }
}
