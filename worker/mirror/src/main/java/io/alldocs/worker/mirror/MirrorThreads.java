package io.alldocs.worker.mirror;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a mirror that may wait, apart from those of its connections, which may not.
 *
 * @param stores read the store
 * @param upstream ask the registry for packuments
 * @param names lists names, one page at a time
 * @param tarballs pass pieces of tarballs on
 * @param passing pass audits, keys and attestations on
 */
record MirrorThreads(
        ExecutorService stores,
        ExecutorService upstream,
        ExecutorService names,
        ExecutorService tarballs,
        ExecutorService passing)
        implements AutoCloseable {
    private static final int UPSTREAM = 32;

    /** Each passes a piece on and takes the next transfer's, so few are needed: they wait only where a registry is slower than its client. */
    private static final int TARBALLS = 64;

    /** Each may have an audit of 8 MiB parsed in memory. */
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

    /** Threads that end after ten idle seconds. Connections bound what can wait for them. */
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
