package io.alldocs.cli.operations;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts an option's value to an age: a number and its unit, {@code d}, {@code h}, {@code m} or {@code s}. */
public final class Age implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(?<number>\\d{1,9})(?<unit>[dhms])");

    /** Creates the converter; called by picocli. */
    public Age() {}

    @Override
    public Duration convert(String value) {
        Matcher parts = FORM.matcher(value.strip());
        if (!parts.matches()) {
            throw new TypeConversionException("an age must be a number and a unit (d, h, m or s), such as 30d");
        }
        long number = Long.parseLong(parts.group("number"));
        return switch (parts.group("unit")) {
            case "d" -> Duration.ofDays(number);
            case "h" -> Duration.ofHours(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }
}
