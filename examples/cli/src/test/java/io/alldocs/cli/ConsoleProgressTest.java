package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final StringWriter printed = new StringWriter();
    private final AtomicLong clock = new AtomicLong();

    @Test
    void tick_withoutTerminal_printsALineEveryFiveSecondsOrFivePercent() {
        try (ConsoleProgress progress = progress(false)) {
            progress.begin("packuments", 1_000);
            progress.advance(10);
            tickAfter(progress, 1);
            assertThat(printed.toString()).isEmpty();

            progress.advance(40);
            tickAfter(progress, 1);
            assertThat(printed.toString().lines()).hasSize(1);

            tickAfter(progress, 4);
            assertThat(printed.toString().lines()).hasSize(1);

            tickAfter(progress, 1);
            assertThat(printed.toString().lines()).hasSize(2).allMatch(line -> line.contains("50 of 1,000 (5 %)"));
        }
    }

    @Test
    void tick_onTerminal_redrawsTheSameLine() {
        try (ConsoleProgress progress = progress(true)) {
            progress.begin("packuments", 1_000);
            progress.advance(500);
            tickAfter(progress, 1);
            tickAfter(progress, 1);

            assertThat(printed.toString()).doesNotContain("\n").contains("\r\033[Kpackuments  50 % [");
        }
    }

    @Test
    void say_onTerminal_clearsTheBarFirst() {
        try (ConsoleProgress progress = progress(true)) {
            progress.begin("names", 0);
            tickAfter(progress, 1);
            progress.say("A note.");

            assertThat(printed.toString()).contains("\r\033[KA note." + System.lineSeparator());
        }
    }

    @Test
    void close_underWay_printsWhereThePhaseEnded() {
        ConsoleProgress progress = progress(false);
        progress.begin("names", 0);
        progress.advance(42);
        clock.addAndGet(Duration.ofSeconds(2).toNanos());
        progress.close();
        progress.close();

        assertThat(printed.toString().lines()).containsExactly("names 42, 21/s");
    }

    private ConsoleProgress progress(boolean terminal) {
        return new ConsoleProgress(new PrintWriter(printed, true), terminal, clock::get);
    }

    private void tickAfter(ConsoleProgress progress, int seconds) {
        clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
        progress.tick();
    }
}
