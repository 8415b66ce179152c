package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests a call that is interrupted by the user and by the watch at the same time. The watch interrupts it because the
 * selector thread no longer responds.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SendWatchTest {

    private final CountDownLatch release = new CountDownLatch(1);
    private final SelectorWatch selector = new SelectorWatch();
    private final AtomicInteger givenUp = new AtomicInteger();

    /**
     * The moment when the user interrupts. The JDK's client throws as soon as it notices an interrupt, and clears the
     * flag.
     */
    enum Moment {
        /** The client notices the user's interrupt; the watch's arrives while the client returns. */
        BEFORE_THE_WATCH,
        /** The client has noticed neither interrupt: the flag is set twice. */
        TOGETHER,
        /** The client notices the watch's interrupt; the user's arrives while the client returns. */
        AFTER_THE_WATCH,
        /** The response arrives before the client notices either interrupt. */
        BEFORE_THE_ANSWER,
        NEVER
    }

    @BeforeEach
    void loseTheSelectorThread() throws InterruptedException {
        CountDownLatch inTask = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> selector.execute(() -> {
                    inTask.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }),
                "test-SelectorManager");
        thread.setDaemon(true);
        thread.start();
        assertThat(inTask.await(30, TimeUnit.SECONDS)).isTrue();
        selector.giveUp();
    }

    @AfterEach
    void end() {
        release.countDown();
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void send_userWhoInterruptsToo_isObeyed(Moment moment) throws Exception {
        HttpClient client = mock(HttpClient.class);
        when(client.send(any(), any())).thenAnswer(call -> interrupted(moment));

        Throwable thrown = catchThrowable(() -> new SendWatch(TimeUnit.MILLISECONDS.toNanos(1))
                .send(
                        new JdkClients.Watched(client, selector),
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1/")).build(),
                        BodyHandlers.ofInputStream(),
                        Duration.ofMinutes(1),
                        givenUp::incrementAndGet));

        assertThat(thrown)
                .isInstanceOf(moment == Moment.NEVER ? HungClientException.class : InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted())
                .as("what the exception says is not said twice")
                .isFalse();
        assertThat(givenUp).hasPositiveValue();
    }

    /** Acts as the JDK's client does, with the interrupts in the order of {@code moment}. */
    @SuppressWarnings("unchecked")
    private static HttpResponse<InputStream> interrupted(Moment moment) throws InterruptedException {
        switch (moment) {
            case BEFORE_THE_WATCH -> {
                interruptAsAUser();
                assertThat(Thread.interrupted()).isTrue();
                awaitFlag();
            }
            case TOGETHER -> {
                awaitFlag();
                interruptAsAUser();
                assertThat(Thread.interrupted()).isTrue();
            }
            case AFTER_THE_WATCH -> {
                awaitFlag();
                assertThat(Thread.interrupted()).isTrue();
                interruptAsAUser();
            }
            case BEFORE_THE_ANSWER -> {
                awaitFlag();
                interruptAsAUser();
                return (HttpResponse<InputStream>) Proxy.newProxyInstance(
                        SendWatchTest.class.getClassLoader(),
                        new Class<?>[] {HttpResponse.class},
                        (proxy, method, arguments) -> InputStream.nullInputStream());
            }
            case NEVER -> {
                awaitFlag();
                assertThat(Thread.interrupted()).isTrue();
            }
        }
        throw new InterruptedException();
    }

    private static void interruptAsAUser() {
        Thread caller = Thread.currentThread();
        Thread user = new Thread(caller::interrupt);
        user.start();
        while (user.isAlive()) {
            Thread.onSpinWait();
        }
    }

    private static void awaitFlag() {
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
    }
}
