package io.alldocs.worker.internal.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ServerThreadsTest {
    private final CompletableFuture<Throwable> died = new CompletableFuture<>();
    private final ServerThreads threads = new ServerThreads(died::complete);

    @Test
    void threadStartedByTheCall_endedByAnError_isReported() throws Exception {
        OutOfMemoryError error = new OutOfMemoryError("planted");
        threads.call(() -> {
            new Thread(() -> {
                        throw error;
                    })
                    .start();
            return "started";
        });

        assertThat(died).succeedsWithin(Duration.ofSeconds(60)).isSameAs(error);
    }

    @Test
    void callThatFails_throwsItsException_andReportsNothing() {
        IOException failure = new BindException("in use");

        assertThatThrownBy(() -> threads.call(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(died).isNotDone();
    }
}
