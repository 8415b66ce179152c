package io.alldocs.worker;

import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A local queue with short leases that can be unreachable for renewals. */
final class WatchedRenewals {
    final LocalWorkQueue delegate = LocalWorkQueue.builder()
            .options(new QueueOptions(
                    "test",
                    3,
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(1),
                    3,
                    Duration.ofSeconds(1),
                    0))
            .build();
    final AtomicInteger renewals = new AtomicInteger();
    volatile boolean away;

    final WorkQueue queue = (WorkQueue) Proxy.newProxyInstance(
            WorkQueue.class.getClassLoader(), new Class<?>[] {WorkQueue.class}, (proxy, method, args) -> {
                if (method.getName().equals("renew")) {
                    if (away) {
                        throw new QueueException("The queue is away", true, null);
                    }
                    renewals.incrementAndGet();
                }
                try {
                    return method.invoke(delegate, args);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
}
