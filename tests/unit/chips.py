"""Chips as their data sheets have them, and the modules of MicroPython as far as drivers of chips use them. For all interpreters."""


class Time:
    """time, which stands still until `ms` is changed."""

    def __init__(self, ms=0):
        self.ms = ms

    def ticks_ms(self):
        return self.ms % (1 << 30)

    def ticks_diff(self, end, start):
        return (end - start + (1 << 29)) % (1 << 30) - (1 << 29)


class Machine:
    """machine with `levels` at its pins (pulled up if not there) and `volts`: what ADC(pin or channel) reads, a number or a function."""

    def __init__(self, levels=None, raw=None):
        machine = self
        self.levels = levels or {}
        self.raw = raw or {}

        class Pin:
            IN, PULL_UP = 0, 1

            def __init__(self, number, mode=-1, pull=-1):
                self.number = number
                self.pulled_up = (mode, pull) == (0, 1)

            def value(self):
                return machine.levels.get(self.number, 1 if self.pulled_up else 0)

        class ADC:
            def __init__(self, source):
                self.source = source if isinstance(source, int) else source.number

            def read_u16(self):
                raw = machine.raw[self.source]
                raw = raw if isinstance(raw, int) else raw()
                return raw << 4 | raw >> 8  # as MicroPython spreads 12 bits

        self.Pin, self.ADC = Pin, ADC


class Ds3231Chip:
    """Registers 0..18 behind an I2C bus; `there` False is a bus with nothing on it."""

    def __init__(self, registers=b"\x00" * 19):
        self.registers = bytearray(registers)
        self.there = True

    def readfrom_mem(self, address, register, count):
        if not self.there or address != 0x68:
            raise OSError(5)
        return bytes(self.registers[register : register + count])

    def writeto_mem(self, address, register, data):
        if not self.there or address != 0x68:
            raise OSError(5)
        for i, byte in enumerate(data):
            self.registers[register + i] = byte


def crc_by_division(data):
    """CRC-8 of the data sheet by long division of the whole message, bits of each byte lowest first."""
    bits = []
    for byte in data:
        bits += [byte >> i & 1 for i in range(8)]
    bits += [0] * 8
    for i in range(len(bits) - 8):
        if bits[i]:
            for j, bit in enumerate((1, 0, 0, 0, 0, 0, 1, 1, 1)):  # x^8 + x^2 + x + 1
                bits[i + j] ^= bit
    value = 0
    for bit in bits[-8:]:
        value = value << 1 | bit
    return value


class Tmc2209Chip:
    """The driver on its one wire, which is also the UART of the host: what is sent comes back, then the answer.

    `mute`: no power. `deaf`: writes to these registers are lost (and not counted). `garble`: the next answers are spoilt."""

    def __init__(self, address):
        self.address = address
        self.mute = False
        self.echo = True
        self.deaf = ()
        self.garble = 0
        self.wire = b""
        self.log = []  # (register, value) written
        self.power_on()

    def power_on(self):
        self.registers = {0x00: 0x101, 0x01: 0x01, 0x02: 0, 0x6C: 0x10000053, 0x6F: 0x80000000}

    # --- the UART ---
    def write(self, data):
        if self.echo:
            self.wire += data
        if self.mute or crc_by_division(data[:-1]) != data[-1] or data[0] != 5 or data[1] != self.address:
            return
        register = data[2] & 0x7F
        if len(data) == 4 and not data[2] & 0x80:
            answer = bytes([5, 0xFF, register]) + self.registers[register].to_bytes(4, "big")
            answer += bytes([crc_by_division(answer)])
            if self.garble:
                self.garble -= 1
                answer = answer[:5] + bytes([answer[5] ^ 1]) + answer[6:]
            self.wire += answer
        elif len(data) == 8 and data[2] & 0x80 and register not in self.deaf:
            value = int.from_bytes(data[3:7], "big")
            self.log.append((register, value))
            self.registers[0x02] = (self.registers[0x02] + 1) & 0xFF
            self.registers[register] = self.registers[register] & ~value if register == 1 else value

    def read(self):
        data, self.wire = self.wire, b""
        return data or None

    def microsteps(self):
        """By MRES, once the register counts and not the straps."""
        return 256 >> (self.registers[0x6C] >> 24 & 15) if self.registers[0] & 0x80 else None
