package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Checks that a closed client is not referenced any more, because only then does the JDK stop its thread and
 * connections.
 */
@Timeout(90)
class ClosedClientTest {
    private final MockWebServer server = new MockWebServer();

    @BeforeEach
    void start() throws IOException {
        server.enqueue(new MockResponse.Builder().body("ten bytes.").build());
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Set<Thread> selectors() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("HttpClient-\\d+-SelectorManager"))
                .collect(Collectors.toSet());
    }

    private static void awaitEndOf(Set<Thread> threads) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (threads.stream().anyMatch(Thread::isAlive)) {
            assertThat(System.nanoTime()).as("still alive: %s", threads).isLessThan(end);
            System.gc();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    @Test
    void close_withAnIdleConnection_endsTheClient() throws Exception {
        Set<Thread> before = selectors();
        JdkTransport transport = JdkTransport.create();
        ClientRequest call = ClientRequest.get(server.url("/a").uri());
        try (InputStream body = transport.send(call, Timeouts.defaults()).body()) {
            assertThat(body.readAllBytes()).hasSize(10);
        }
        Set<Thread> mine = selectors();
        mine.removeAll(before);
        assertThat(mine).hasSize(1);

        transport.close();

        awaitEndOf(mine);
    }
}
