#!/usr/bin/python3
"""Adds up working hours and stumbles over a day without an entry: an exception nobody catches."""


def hours_of(day):
    return int(day["hours"])


def add_up(days):
    return sum(hours_of(day) for day in days)


def main():
    print(add_up([{"hours": "8"}, {"name": "Tuesday"}]))


main()
