package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.alldocs.packument.PolicyFile.Refresh;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFileTest {
    private static final String WEEK = revision(7);
    private static final String DAY = revision(1);

    @TempDir
    private Path folder;

    private Path path;

    private static String revision(int days) {
        return VersionPolicy.builder().minAge(Duration.ofDays(days)).build().revision();
    }

    @BeforeEach
    void write() throws IOException {
        path = Files.writeString(folder.resolve("policy"), "min-age: 7d\n");
    }

    @Test
    void open_unusableFile_isRefusedWithItsName() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyFile.open(folder.resolve("absent")))
                .withMessageContaining("absent")
                .withMessageContaining("the file does not exist");
        Files.writeString(path, "min-age: 7d\nblok: x\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyFile.open(path))
                .withMessageContaining(path.toString())
                .withMessageContaining("line 2: unknown key \"blok\"");
    }

    @Test
    void open_fileOfAnotherSystem_isReadAlike() throws IOException {
        for (byte[] bytes : new byte[][] {
            "\ufeffmin-age: 7d\r\n".getBytes(StandardCharsets.UTF_8),
            "\ufeffmin-age: 7d\r\n".getBytes(StandardCharsets.UTF_16LE),
            "\ufeffmin-age: 7d\r".getBytes(StandardCharsets.UTF_16BE)
        }) {
            Files.write(path, bytes);
            assertThat(PolicyFile.open(path).policy().revision()).isEqualTo(WEEK);
        }
    }

    @Test
    void refresh_changedContent_appliesWhenItIsFoundTwice() throws IOException {
        PolicyFile file = PolicyFile.open(path);
        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);

        Files.writeString(path, "min-age: 1d\n");

        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);
        assertThat(file.policy().revision()).isEqualTo(WEEK);
        assertThat(file.refresh()).isEqualTo(Refresh.APPLIED);
        assertThat(file.policy().revision()).isEqualTo(DAY);
        assertThat(file.since()).isEqualTo(Files.getLastModifiedTime(path).toInstant());
        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);
    }

    @Test
    void refresh_contentThatIsBeingWritten_waitsForItsEnd() throws IOException {
        PolicyFile file = PolicyFile.open(path);

        Files.writeString(path, "");
        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);
        Files.writeString(path, "min-age: 1d");
        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);
        Files.writeString(path, "min-age: 7d\n# as before");
        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);
        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);

        assertThat(file.policy().revision()).isEqualTo(WEEK);
        assertThat(file.problem()).isEmpty();
    }

    @Test
    void refresh_whatIsNoRegularFile_orTooLarge_isNotRead() throws Exception {
        PolicyFile file = PolicyFile.open(path);
        Files.delete(path);
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();

        file.refresh(); // nothing writes to the pipe, so a reader would block forever
        assertThat(file.refresh()).isEqualTo(Refresh.REFUSED);
        assertThat(file.problem().orElseThrow()).contains("it is not a regular file");

        Files.delete(path);
        Files.writeString(path, "# long\n".repeat(1_300_000) + "min-age: 1d\n");
        file.refresh();
        assertThat(file.refresh()).isEqualTo(Refresh.REFUSED);
        assertThat(file.problem().orElseThrow()).contains("it is larger than 8 MiB");
        assertThat(file.policy().revision()).isEqualTo(WEEK);
    }

    @Test
    void refresh_badContentOrNoFile_keepsTheLastGoodPolicy() throws IOException {
        PolicyFile file = PolicyFile.open(path);

        Files.writeString(path, "min-age: soon\n");
        file.refresh();
        assertThat(file.refresh()).isEqualTo(Refresh.REFUSED);
        assertThat(file.refresh()).isEqualTo(Refresh.UNCHANGED);
        assertThat(file.policy().revision()).isEqualTo(WEEK);
        assertThat(file.problem().orElseThrow()).contains(path.toString(), "line 1: min-age");

        Files.delete(path);
        file.refresh();
        assertThat(file.refresh()).isEqualTo(Refresh.REFUSED);
        assertThat(file.policy().revision()).isEqualTo(WEEK);

        Files.writeString(path, "min-age: 1d\n");
        file.refresh();
        assertThat(file.refresh()).isEqualTo(Refresh.APPLIED);
        assertThat(file.problem()).isEmpty();
        assertThat(file.policy().revision()).isEqualTo(DAY);
    }
}
