package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFileTest {
    @TempDir
    private Path folder;

    @Test
    void write_newAndExistingFile_mayBeReadByWhoeverTheMaskLets() throws IOException {
        Path plain = Files.createFile(folder.resolve("plain"));
        Path report = folder.resolve("report.html");

        ReportFile.write(report, "first");
        ReportFile.write(report, "sécond");

        assertThat(report).hasContent("sécond");
        assertThat(Files.getPosixFilePermissions(report)).isEqualTo(Files.getPosixFilePermissions(plain));
    }

    @Test
    void write_thatFails_leavesNoOtherFile() throws IOException {
        Path taken = Files.createDirectories(folder.resolve("report.html/in-use"));

        assertThatThrownBy(() -> ReportFile.write(taken.getParent(), "text"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("report.html");
        assertThat(folder.toFile().list()).containsExactly("report.html");
    }
}
