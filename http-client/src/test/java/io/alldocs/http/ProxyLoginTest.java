package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProxyLoginTest {
    private final ProxyException refusal = ProxyException.refused("proxy.example:3128", 407, "CONNECT host:443", null);

    private final AtomicLong nanos = new AtomicLong(7);
    private final ProxyLogin login = new ProxyLogin(Duration.ofHours(1), nanos::get);
    private final AtomicInteger begun = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Future<?> waiter() {
        Thread[] waiting = new Thread[1];
        Future<?> future = threads.submit(() -> {
            waiting[0] = Thread.currentThread();
            boolean isAwaited = login.begin();
            begun.incrementAndGet();
            return isAwaited;
        });
        while (waiting[0] == null || waiting[0].getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait(); // the class's timeout limits this loop
        }
        return future;
    }

    @Test
    void begin_beforeTheProxyAccepted_waitsForTheResultOfTheFirst() throws Exception {
        assertThat(login.begin()).isTrue();
        Future<?> second = waiter();
        Future<?> third = waiter();
        assertThat(begun).hasValue(0);

        login.accepted();

        second.get();
        third.get();
        assertThat(login.begin()).isFalse();
    }

    @Test
    void begin_whenTheFirstEndedWithoutAResult_letsTheNextOneThrough() throws Exception {
        login.begin();
        Future<?> second = waiter();

        login.end();

        assertThat(second.get()).isEqualTo(true);
        Future<?> third = waiter();
        login.accepted();
        third.get();
    }

    @Test
    void begin_afterA407_failsForAWhile_thenOneIsTried() throws Exception {
        login.begin();
        Future<?> second = waiter();
        login.refused(refusal);
        login.end();

        assertThat(second)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withMessageContaining("407");
        login.accepted(); // the request passed over an older tunnel
        nanos.addAndGet(ProxyLogin.HOLD.toNanos() - 1);
        assertThatExceptionOfType(ProxyException.class)
                .isThrownBy(login::begin)
                .withMessageContaining("HTTP 407")
                .withMessageContaining("not send this password again for 10 minutes")
                .satisfies(e -> assertThat(e.fault()).isEqualTo(FailureKind.PROXY_AUTH));
        nanos.addAndGet(1);
        assertThat(login.begin()).isTrue();
        Future<?> other = waiter();
        login.accepted();
        other.get();
        assertThat(login.begin()).isFalse();
    }

    @Test
    void begin_whenTheProxyWasNotReached_failsAsTheFirstDid_andTheNextIsTried() throws Exception {
        login.begin();
        Future<?> second = waiter();
        login.unreachable(ProxyException.unreachable("proxy.example:3128", new IOException("refused")));
        login.end();

        assertThat(second)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withMessageContaining("no connection");
        assertThat(login.begin()).isTrue();
    }

    @Test
    void begin_whenTheFirstTakesLong_sendsOneMore() throws Exception {
        ProxyLogin impatient = new ProxyLogin(Duration.ofMillis(1), System::nanoTime);
        assertThat(impatient.begin()).isTrue();

        assertThat(impatient.begin()).isTrue();
    }
}
