package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final StringWriter printed = new StringWriter();
    private final AtomicLong clock = new AtomicLong();
    private String size = "24 80\n";

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

    @Test
    void tick_afterTheWindowWasResized_fitsTheNewWidth() {
        try (ConsoleProgress progress = progress(true)) {
            progress.begin("packuments", 1_000);
            progress.advance(500);
            tickAfter(progress, 1);
            assertThat(lastLine()).hasSizeBetween(60, 79);

            size = "24 120\n";
            tickAfter(progress, 3);
            assertThat(lastLine()).hasSizeBetween(80, 119);

            size = "24 40\n";
            tickAfter(progress, 3);
            assertThat(lastLine()).hasSizeLessThanOrEqualTo(39);
        }
    }

    @Test
    void tick_withAReason_saysWhyTheRateIsLow() {
        try (ConsoleProgress progress = progress(true)) {
            progress.explainWith(() -> "paused by the registry for 12 s");
            progress.begin("packuments", 1_000);
            tickAfter(progress, 1);

            assertThat(lastLine()).endsWith("paused by the registry for 12 s").hasSizeLessThanOrEqualTo(79);
        }
    }

    @Test
    void log_whileADisplayIsShown_comesAboveIt() {
        Logger logger = Logger.getLogger("io.alldocs.test");
        DisplayLog.install(new PrintWriter(Writer.nullWriter()));
        try (ConsoleProgress progress = progress(true)) {
            Consumer<String> display = progress::say;
            DisplayLog.use(display);
            progress.begin("names", 0);
            tickAfter(progress, 1);
            logger.warning("The registry throttles.");
            DisplayLog.release(display);

            assertThat(printed.toString()).containsPattern("\r\\x1b\\[K\\S+ warning: The registry throttles\\.\\R");
        }
    }

    private String lastLine() {
        String all = printed.toString();
        return all.substring(all.lastIndexOf("\033[K") + "\033[K".length());
    }

    private ConsoleProgress progress(boolean terminal) {
        return new ConsoleProgress(
                new PrintWriter(printed, true), terminal, new TerminalWidth(() -> size, clock::get), clock::get);
    }

    private void tickAfter(ConsoleProgress progress, int seconds) {
        clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
        progress.tick();
    }
}
